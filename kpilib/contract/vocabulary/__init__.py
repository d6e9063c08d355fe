"""Words that stand as data in exports, and what they mean. May import only `errors`."""
