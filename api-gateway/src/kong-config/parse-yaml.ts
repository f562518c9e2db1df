import { parseDocument, type YAMLError } from 'yaml';

/** The parsed value of a text, or its mistakes, each with its line. */
export type ParsedYaml =
  | { readonly document: unknown; readonly mistakes?: never }
  | { readonly document?: never; readonly mistakes: readonly string[] };

/** Parses YAML, which includes JSON. Never throws. */
export function parseYaml(text: string): ParsedYaml {
  // Kong's parser supports merge keys (<<), which YAML 1.2 does not.
  const parsed = parseDocument(text, { prettyErrors: true, merge: true });
  const complaints = [...parsed.errors, ...parsed.warnings];
  if (complaints.length > 0) return { mistakes: complaints.map(formatYamlError) };
  try {
    return { document: parsed.toJS() };
  } catch (error) {
    // For example aliases that expand without bound.
    return { mistakes: [`the file: ${Error.isError(error) ? error.message : String(error)}`] };
  }
}

function formatYamlError({ code, message, linePos }: YAMLError): string {
  const [start] = linePos ?? [];
  const place = start === undefined ? 'the file' : `line ${start.line}, column ${start.col}`;
  if (code === 'MULTIPLE_DOCS')
    return `${place}: --- begins a second document, but a file must have one only`;
  const [summary = message] = message.split('\n', 1);
  return `${place}: ${summary.replace(/ at line \d+, column \d+:?$/, '')}`;
}
