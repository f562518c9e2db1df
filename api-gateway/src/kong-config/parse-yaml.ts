import { parseDocument, type YAMLError } from 'yaml';

/** What a text says, or why it says nothing: each with its line. */
export type ParsedYaml =
  | { readonly document: unknown; readonly mistakes?: never }
  | { readonly document?: never; readonly mistakes: readonly string[] };

/** Reads YAML, of which JSON is a part. Never throws. */
export function parseYaml(text: string): ParsedYaml {
  // Kong's parser has merge keys (<<), which YAML 1.2 has not.
  const parsed = parseDocument(text, { prettyErrors: true, merge: true });
  const complaints = [...parsed.errors, ...parsed.warnings];
  if (complaints.length > 0) return { mistakes: complaints.map(formatYamlError) };
  try {
    return { document: parsed.toJS() };
  } catch (error) {
    // Aliases that multiply beyond reason, for one.
    return { mistakes: [`the file: ${Error.isError(error) ? error.message : String(error)}`] };
  }
}

function formatYamlError({ code, message, linePos }: YAMLError): string {
  const [start] = linePos ?? [];
  const place = start === undefined ? 'the file' : `line ${start.line}, column ${start.col}`;
  if (code === 'MULTIPLE_DOCS') return `${place}: --- begins a second document, and a file is one`;
  const [words = message] = message.split('\n', 1);
  return `${place}: ${words.replace(/ at line \d+, column \d+:?$/, '')}`;
}
