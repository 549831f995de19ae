import { fonts } from '../drawing/svg.js';
import { paletteOf } from '../drawing/theme.js';

const variables = (theme: 'light' | 'dark'): string => {
  const { paper, panel, ink, muted, faint } = paletteOf(theme);
  const colors = { paper, panel, ink, muted, faint, link: paletteOf(theme)['series-0'] };
  return Object.entries(colors)
    .map(([name, color]) => `--${name}:${color}`)
    .join(';');
};

/** One style for all of Lockstep's pages, in the colours of the pictures on them. */
export const styleSheet = `:root{color-scheme:light dark;${variables('light')}}
@media (prefers-color-scheme: dark){:root{${variables('dark')}}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1000px;padding:24px 20px 60px;background:var(--paper);color:var(--ink);font:15px/1.5 ${fonts}}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:19px;margin:44px 0 10px;padding-top:14px;border-top:1px solid var(--faint)}
p{margin:0 0 12px;max-width:75ch}
header p{color:var(--muted)}
a{color:var(--link)}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:16px 0}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(118px,1fr));gap:10px;margin:20px 0}
.facts div{background:var(--panel);border-radius:8px;padding:10px 12px}
.facts dt{color:var(--muted);font-size:12px;white-space:nowrap}
.facts dd{margin:0;font-size:18px;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.pictures{display:flex;flex-wrap:wrap;gap:24px;margin-bottom:20px}
figure{margin:0;min-width:min(240px,100%);max-width:100%}
figcaption{color:var(--muted);font-size:14px;width:0;min-width:min(100%,75ch);margin-top:4px}
.scroll{overflow-x:auto;max-width:100%}
svg{display:block}
pre{font:13px/1.35 ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace;margin:0 0 12px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin-bottom:12px}
th,td{padding:4px 18px 4px 0;text-align:right;border-bottom:1px solid var(--faint);white-space:nowrap}
.words th,.words td{text-align:left;white-space:normal;overflow-wrap:anywhere;vertical-align:top}
.words td:first-child{white-space:nowrap;overflow-wrap:normal}
th{color:var(--muted);font-weight:600}
th:first-child,td:first-child{text-align:left}
`;
