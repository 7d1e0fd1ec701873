/** Style of the docs page. */
export const DOCS_STYLE = `:root {
  color-scheme: light dark;
  --line: color-mix(in srgb, currentColor 20%, transparent);
  --soft: color-mix(in srgb, currentColor 6%, transparent);
  font: 16px/1.5 system-ui, sans-serif;
}
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; }
h2 { border-bottom: 1px solid var(--line); font-size: 1.2rem; margin-top: 2.5rem; }
h3 { font-size: 1rem; overflow-wrap: anywhere; }
code, pre { font: 0.875rem/1.45 ui-monospace, monospace; }
pre { background: var(--soft); border-radius: 6px; overflow-x: auto; padding: 0.75rem; }
details { border: 1px solid var(--line); border-radius: 6px; margin: 0.5rem 0; padding: 0 0.75rem; }
summary { cursor: pointer; overflow-wrap: anywhere; padding: 0.6rem 0; }
div { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: 0.35rem 0.75rem 0.35rem 0; text-align: left; vertical-align: top; }
:focus-visible { outline: 2px solid; outline-offset: 2px; }
`;
