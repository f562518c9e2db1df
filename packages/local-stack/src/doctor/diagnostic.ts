/** The doctor's report about one thing that Plaza needs or can use. */
export interface Diagnostic {
  readonly subject: string;
  readonly state: 'ok' | 'missing' | 'taken' | 'wrong';
  /** The finding. */
  readonly text: string;
  /** How to fix it, if the state is not ok. */
  readonly remedy?: string;
  /** Whether it prevents npm start. */
  readonly blocks?: boolean;
}
