"""How a report looks, and the script that filters it. Everything is in the page; it reads well without the script."""

from curta.evals.report.markup import Markup
from curta.evals.report.plots.drawing import DARK, LIGHT

PAGE = Markup(
    f":root{{color-scheme:light dark;{LIGHT}}}"
    f"@media screen and (prefers-color-scheme:dark){{:root{{{DARK}}}}}"
    """
*{box-sizing:border-box}[hidden]{display:none!important}
html{background:var(--paper);color:var(--ink);-webkit-text-size-adjust:100%}
body{font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;max-width:60rem;margin:0 auto;
padding:2rem 1.25rem 4rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem;font-weight:650;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:2.75rem 0 .5rem;padding-top:.9rem;border-top:1px solid var(--line);font-weight:650}
h3{font-size:1rem;margin:1.5rem 0 .25rem;font-weight:650}
p{margin:.25rem 0 .75rem;max-width:44rem}
a{color:inherit}
.faint,figcaption,summary,th{color:var(--faint)}
.small,figcaption,summary,table,dl{font-size:.875rem}
code,pre{font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
pre,.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:.25rem 0}
.text{font-size:.925rem;line-height:1.45}
pre{background:var(--band);padding:.6rem .75rem;border-radius:4px}
.better{color:var(--better)}.worse{color:var(--worse)}.amount{color:var(--amount)}.open{color:var(--open)}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;font-size:.875rem;margin-top:1rem}nav a{color:var(--faint)}
.verdicts{list-style:none;margin:1.5rem 0 0;padding:0}
.verdicts li{display:grid;grid-template-columns:1.4rem 1fr;gap:0 .5rem;padding:.5rem 0;border-top:1px solid var(--line)}
.verdicts li:last-child{border-bottom:1px solid var(--line)}
.verdicts svg{margin-top:.3rem}
.verdicts b{font-weight:650;overflow-wrap:anywhere}
.verdicts strong{font-weight:650;font-size:1.05rem}
.verdicts .note{grid-column:2;font-size:.875rem;color:var(--faint)}
.warnings{margin:1rem 0 0;padding:0 0 0 1.1rem;font-size:.9rem}
.warnings li{margin:.25rem 0;overflow-wrap:anywhere}
figure{margin:1rem 0 0}
figcaption{margin-top:.25rem}
.narrow{display:none}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:1.25rem 2rem;margin-top:1rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:.75rem 0;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:500;padding:.3rem 1.25rem .3rem 0;border-bottom:1px solid var(--faint);
vertical-align:bottom}
td{padding:.3rem 1.25rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
td:last-child,th:last-child{padding-right:0}td:first-child{min-width:8rem}
.number{text-align:right;white-space:nowrap}
td svg{display:block;margin-top:.2rem}
dl{display:grid;grid-template-columns:8.5rem 1fr;gap:.35rem 1rem;margin:.75rem 0}
dt{color:var(--faint)}dd{margin:0;min-width:0;overflow-wrap:anywhere}
dd pre:first-child{margin-top:0}
details{margin:.5rem 0}summary{cursor:pointer}
.filter{display:flex;flex-wrap:wrap;gap:.75rem 1.25rem;align-items:end;margin:1rem 0}
.filter label{display:grid;font-size:.8rem;color:var(--faint)}
.filter input,.filter select{font:inherit;font-size:.9rem;color:var(--ink);background:var(--paper);
border:1px solid var(--faint);border-radius:4px;padding:.3rem .5rem;min-width:11rem;max-width:100%;height:2.25rem}
.filter output{font-size:.875rem;color:var(--faint);padding-bottom:.35rem}
:focus-visible{outline:2px solid var(--better);outline-offset:2px}
.item{border-top:1px solid var(--line);padding:.9rem 0;break-inside:avoid-page}
.item h4 span{margin-left:.75rem;font-weight:400;font-size:.875rem}
.item h4{margin:0;font-size:.95rem;font-weight:650;overflow-wrap:anywhere}
.sides{display:grid;grid-template-columns:1fr 1fr;gap:.5rem 1.5rem;margin-top:.5rem}
.side{min-width:0;border-left:3px solid var(--line);padding-left:.75rem}
.side.won{border-left-color:var(--ink)}
.side .label{font-size:.8rem;color:var(--faint)}
.text mark{background:none;color:inherit;text-decoration:underline;text-decoration-thickness:2px;
text-decoration-color:var(--faint);text-underline-offset:3px}
.gone{color:var(--faint);font-style:italic}
footer{margin-top:3rem;font-size:.8rem;color:var(--faint)}
@media(max-width:44rem){body{padding:1.25rem .9rem 3rem}.wide{display:none}.narrow{display:block}
.sides{grid-template-columns:1fr}dl{grid-template-columns:1fr;gap:.1rem}dd{margin-bottom:.5rem}}
@media print{body{max-width:none;padding:0}.filter{display:none}details::details-content{content-visibility:visible}}
"""
)

SCRIPT = Markup(
    """
(() => {
  const form = document.querySelector('.filter');
  if (!form) return;
  const [words, kind] = form.elements, told = form.querySelector('output');
  const items = [...document.querySelectorAll('.item')].map(e => [e, e.textContent.toLowerCase()]);
  const filter = () => {
    const wanted = words.value.toLowerCase();
    let shown = 0;
    for (const [element, text] of items) {
      element.hidden = !text.includes(wanted) || !(kind.value === '' || element.dataset.kind.includes(kind.value));
      shown += !element.hidden;
    }
    told.value = shown + ' of ' + items.length + ' shown';
  };
  form.hidden = false;
  form.addEventListener('input', filter);
  form.addEventListener('submit', event => event.preventDefault());
  filter();
})();
"""
)
