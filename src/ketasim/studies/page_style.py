# ruff: noqa: E501  (style sheets read better whole)
"""How the validation report looks: light and dark, wide, narrow and printed. No script, no outside file."""

STYLE = """
:root{--ink:#1b1f24;--soft:#5b6570;--line:#d9dee4;--bad:#b3261e;--good:#1b6e3c;--paper:#fff;--card:#f6f8fa;--hit:#009E73;--miss:#D55E00;--rest:#c6ccd3}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebee;--soft:#a2adb8;--line:#3a434d;--bad:#ff8a80;--good:#7fd6a1;--paper:#15191e;--card:#1d232a;--rest:#4a545f}}
*{box-sizing:border-box}html{scroll-behavior:smooth}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0}
main{max-width:1240px;padding:1.5rem 1.25rem 4rem;min-width:0}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3rem}h2{font-size:1.25rem;margin:2.6rem 0 .5rem;scroll-margin-top:.5rem}h3{font-size:1rem;margin:1.4rem 0 .3rem}
p{max-width:75ch;margin:.4rem 0}.soft{color:var(--soft)}a{color:inherit}
nav{padding:1rem 1.25rem;border-bottom:1px solid var(--line);font-size:14px}nav ol{list-style:none;margin:.4rem 0 0;padding:0}nav li{margin:.2rem 0}nav a{text-decoration:none}nav a:hover{text-decoration:underline}
nav summary{font-weight:600;cursor:pointer}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}caption{text-align:left;color:var(--soft);padding:.2rem 0}
th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid var(--line);vertical-align:top}th{font-weight:600}
td.n,th.n{text-align:right;white-space:nowrap}.fail,.error{color:var(--bad);font-weight:600}.pass{color:var(--good)}.scroll{overflow-x:auto}
.rows td.n{white-space:normal;min-width:5.5rem}.rows td:first-child{min-width:10rem;overflow-wrap:anywhere}.rows td:nth-child(2){min-width:14rem}.rows td:last-child{min-width:13rem;overflow-wrap:anywhere}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:.9rem;margin:1rem 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.8rem .9rem}.card h3{margin:0 0 .3rem}.card dl{display:grid;grid-template-columns:1fr auto;gap:.1rem .6rem;margin:.5rem 0 0;font-size:13px}
.card dt{color:var(--soft)}.card dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}.big{font-size:1.5rem;font-weight:650;line-height:1.2}
.bar{position:relative;display:flex;height:12px;border-radius:6px;overflow:hidden;background:var(--rest);margin-top:.35rem}.bar i{display:block;height:100%}.bar .hit{background:var(--hit)}.bar .miss{background:var(--miss)}
.bar b{position:absolute;top:0;bottom:0;width:3px;margin-left:-1px;background:var(--ink);outline:1px solid var(--paper)}
.key{font-size:12px;color:var(--soft)}.key i{display:inline-block;width:.75em;height:.75em;border-radius:2px;margin:0 .25em 0 .8em}
details.system{border:1px solid var(--line);border-radius:8px;margin:.5rem 0;padding:.35rem .7rem}details.system>summary{cursor:pointer;font-weight:600}
.figures{display:flex;flex-wrap:wrap;gap:1.5rem}svg{max-width:100%;height:auto}svg text{fill:var(--ink);font:11px system-ui,sans-serif}
@media (min-width:1100px){body{display:grid;grid-template-columns:250px minmax(0,1fr)}nav{position:sticky;top:0;height:100vh;overflow:auto;border-bottom:0;border-right:1px solid var(--line)}main{padding:2rem 2rem 4rem}}
@media (max-width:720px){
.rows thead{position:absolute;left:-999em}.rows,.rows tbody{display:block}.rows tr{display:block;border:1px solid var(--line);border-radius:8px;padding:.4rem .6rem;margin:.6rem 0}
.rows td{display:flex;gap:1rem;justify-content:space-between;border:0;padding:.12rem 0;text-align:right!important;white-space:normal!important;min-width:0!important;overflow-wrap:anywhere}
.rows td::before{content:attr(data-l);color:var(--soft);text-align:left;flex:0 0 6.5rem}.rows td:first-child{display:block;text-align:left!important;font-size:15px}.rows td:first-child::before{content:none}.rows td:empty{display:none}}
@media print{nav{display:none}body{display:block;font-size:11px}.card,tr{break-inside:avoid}}
"""
