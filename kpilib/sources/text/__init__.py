"""CSV files as people really save them: encodings, delimiters, headers, quotes and line ends."""
