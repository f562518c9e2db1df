/** Escaped HTML. Any other value is escaped when it is inserted. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value in a template: `undefined` and `false` are empty, a list is concatenated. */
export type TemplateValue = Html | string | number | undefined | false | readonly TemplateValue[];

/** An HTML template that escapes all values, as text or as a quoted attribute's value. */
export function html(template: TemplateStringsArray, ...parts: readonly TemplateValue[]): Html {
  const strings = stripIndentation(template);
  let text = strings[0] ?? '';
  for (const [at, part] of parts.entries()) text += renderValue(part) + (strings[at + 1] ?? '');
  return new Html(text);
}

const strippedTemplates = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Removes the indentation of the source, a third of a page with 1,000 rows. */
function stripIndentation(template: TemplateStringsArray): readonly string[] {
  const known = strippedTemplates.get(template);
  if (known !== undefined) return known;
  const strings = template.map((text) => text.replaceAll(/\n\s*/g, '\n'));
  strippedTemplates.set(template, strings);
  return strings;
}

function renderValue(part: TemplateValue): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return part instanceof Html ? part.text : part.map(renderValue).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
