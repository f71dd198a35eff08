// Joins the browser modules into one classic script, as Rust does for the page, and fills the template. The rules that make
// joining so simple are checked here.
//
//     import { a, b } from './x.js';        one line, named imports only
//     export function | const | class | let  at the start of a line
//     no top-level name twice over all modules, no cycle

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const PAGE = new URL('../../src/page/', import.meta.url);
const IMPORT = /^import \{ ([\w, ]+) \} from '\.\/(\w+)\.js';$/;
const TOP_LEVEL = /^(?:export )?(?:async )?(?:function|const|let|class) (\w+)/;

export function readPart(name) {
  return readFileSync(new URL(name, PAGE), 'utf8');
}

/// The modules that an entry needs, each after those it imports.
export function modulesOf(entry) {
  const order = [];
  const visit = (name, path) => {
    if (path.includes(name)) throw new Error(`circular import: ${[...path, name].join(' -> ')}`);
    if (order.some(module => module.name === name)) return;
    const lines = readPart(`js/${name}.js`).split('\n');
    const imports = [];
    for (const line of lines) {
      const match = IMPORT.exec(line);
      if (/^\s*import\b|^export (?!function |const |class |let |async function )/.test(line) && !match) throw new Error(`${name}.js: ${line}`);
      if (match) imports.push({ names: match[1].split(', '), from: match[2] });
    }
    for (const { from } of imports) visit(from, [...path, name]);
    order.push({ name, lines, imports });
  };
  visit(entry, []);
  return order;
}

/// The top-level names of a module, and which of them it exports.
export function namesOf({ lines }) {
  const found = lines.map(line => TOP_LEVEL.exec(line)).filter(Boolean);
  return { all: found.map(match => match[1]), exported: found.filter(match => match.input.startsWith('export')).map(match => match[1]) };
}

/// One classic script: comment lines, imports and indentation are left out, and the ends of lines that need none.
export function joinModules(entry) {
  const lines = modulesOf(entry).flatMap(module => module.lines)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('//') && !IMPORT.test(line))
    .map(line => line.replace(/^export /, ''))
    .map(line => (line.includes('//') || !/^}$|[{([,;]$/.test(line) ? `${line}\n` : line));
  return `'use strict';\n{\n${lines.join('')}}\n`;
}

function escapeHtml(text) {
  return text.replace(/[&<>"]/g, character => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character]);
}

function hashOf(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/// Fills a template: {{name}} as text, {{{name}}} as markup, {{#name}} ... {{/name}} only where there is a value,
/// {{^name}} ... {{/name}} only where there is none.
export function buildPage(run, words, { entry = 'page', template = 'page.html' } = {}) {
  const script = `\n${joinModules(entry)}`;
  const style = readPart('page.css').replace(/\/\*[^]*?\*\//g, '').replace(/\n\s*/g, '\n');
  const values = {
    ...words, script, style,
    script_hash: hashOf(script),
    style_hash: hashOf(style),
    run: JSON.stringify(run).replaceAll('<', '\\u003c'),
  };
  return readPart(template)
    .replace(/\{\{([#^])(\w+)\}\}\n?([^]*?)\{\{\/\2\}\}\n?/g, (_, kind, name, inner) => (Boolean(values[name]) === (kind === '#') ? inner : ''))
    .replace(/\{\{\{(\w+)\}\}\}/g, (_, name) => `\u0000${name}\u0000`)
    .replace(/\{\{(\w+)\}\}/g, (_, name) => escapeHtml(String(values[name] ?? '')))
    .replace(/\u0000(\w+)\u0000/g, (_, name) => values[name] ?? '');
}
