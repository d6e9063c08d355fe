"""The style of cards, where they stand in a notebook and where on a page."""

STYLE = """
.kpis{--ink:var(--kpi-ink,var(--jp-content-font-color1,var(--vscode-editor-foreground,#1f2933)));
--mute:var(--kpi-mute,var(--jp-content-font-color2,var(--vscode-descriptionForeground,#5b6775)));
--line:var(--kpi-line,var(--jp-border-color2,var(--vscode-panel-border,#dde3e8)));
--accent:var(--kpi-accent,var(--jp-brand-color1,#00648f));
--bad:var(--kpi-bad,var(--jp-error-color1,#b5442a));
display:grid;grid-template-columns:repeat(auto-fill,minmax(min(15rem,100%),1fr));gap:.75rem;
margin:.5rem 0;color:var(--ink);font:400 .875rem/1.45 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","PingFang SC","Microsoft YaHei",sans-serif;font-variant-numeric:tabular-nums}
.kpis .kpi{border:1px solid var(--line);border-radius:8px;padding:.9rem 1rem;min-width:0}
.kpis .kpi.wide{grid-column:1/-1}
.kpis p{margin:0}.kpis .name{color:var(--mute);font-weight:500}.kpis .name a{color:inherit}
.kpis .value{font-size:1.75rem;font-weight:600;line-height:1.25;letter-spacing:-.01em}
.kpis .range,.kpis .goal,.kpis .basis{color:var(--mute);font-size:.8125rem}
.kpis .when{white-space:nowrap}.kpis .change{margin-top:.35rem;font-size:.8125rem;font-weight:500}
.kpis .better{color:var(--accent)}.kpis .worse{color:var(--bad)}
.kpis .state{display:inline-block;margin-top:.35rem;font-size:.8125rem;color:var(--mute);
border-left:3px solid var(--mute);padding-left:.5rem}
.kpis .none .value{font-size:1.125rem;line-height:1.95;color:var(--mute)}
.kpis svg{display:block;width:100%;max-width:30rem;height:2.5rem;margin-top:.5rem;overflow:visible}
.kpis path{fill:none;stroke:var(--accent);stroke-width:1.75;vector-effect:non-scaling-stroke}
.kpis details{margin-top:.5rem;font-size:.8125rem;color:var(--mute)}
.kpis summary{cursor:pointer}.kpis details>*+*{margin-top:.4rem}
.kpis .formula{overflow-x:auto;color:var(--ink);padding:.25rem 0}
.kpis .scroll{overflow-x:auto}
.kpis .scroll table{table-layout:auto;border-collapse:collapse;width:100%;margin:.4rem 0 0;
font-size:.8125rem;color:var(--ink)}
.kpis>.scroll,.kpis>input{grid-column:1/-1}.kpis>.scroll table{width:auto}
.kpis>.scroll .long{white-space:normal;min-width:16rem;text-align:left}
.kpis .columns tbody{display:grid;column-gap:2rem;
grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr))}
.kpis .columns tr{display:flex;justify-content:space-between;gap:1rem;
border-bottom:1px solid var(--line)}.kpis .columns th,.kpis .columns td{border:0;padding:.25rem 0}
.kpis .tall{max-height:32rem}.kpis .tall thead th{position:sticky;top:0;
background:var(--jp-layout-color0,var(--vscode-editor-background,Canvas))}
.kpis>input{justify-self:start;width:16rem;max-width:100%;font:inherit;color:inherit;
background:none;border:1px solid var(--line);border-radius:6px;padding:.3rem .6rem}
.kpis th,.kpis td{padding:.3rem .75rem .3rem 0;text-align:right;white-space:nowrap;
border:0;border-bottom:1px solid var(--line);background:none}
.kpis th{font-weight:500;color:var(--mute)}.kpis .scroll table .word{text-align:left}
.kpis tr{background:none!important}
.kpis .bar{width:22%;min-width:clamp(0px,100vw - 30rem,4rem);padding-right:.6rem}
.kpis .tables thead th{white-space:normal;vertical-align:bottom}
.kpis .bar i{display:block;height:.55rem;border-radius:2px;background:var(--accent);opacity:.75}
.kpis .bar .above{border-left:2px solid var(--ink);border-radius:0 2px 2px 0}
.kpis .bar .below{border-right:2px solid var(--ink);border-radius:2px 0 0 2px;
background:repeating-linear-gradient(135deg,var(--accent) 0 2px,transparent 2px 4px)}
"""


def opened(own: str = "") -> str:
    """The beginning of a block of cards with its style, in which a dollar sign begins no formula.

    JupyterLab sets what stands between two dollar signs of an output as mathematics; this class
    keeps it from amounts of money.

    >>> opened(".mine{}").startswith('<div class="kpis mathjax_ignore"><style>')
    True
    """
    return f'<div class="kpis mathjax_ignore"><style>{STYLE}{own}</style>'
