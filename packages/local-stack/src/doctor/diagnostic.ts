/** What doctor says about one thing that Plaza needs or can use. */
export interface Diagnostic {
  readonly subject: string;
  readonly state: 'ok' | 'missing' | 'taken' | 'wrong';
  /** What was found. */
  readonly text: string;
  /** How to mend it, where something is not ok. */
  readonly remedy?: string;
  /** Whether npm start cannot work because of it. */
  readonly blocks?: boolean;
}
