import type { AnswerHeaders } from '../plugins/plugin.ts';

/** Names and values in turn, spelled and repeated as they came: what `writeHead` takes as it is. */
export class FlatHeaders implements AnswerHeaders {
  readonly flat: string[] = [];

  get(name: string): string | undefined {
    let found: string | undefined;
    for (let at = this.#next(name, 0); at !== -1; at = this.#next(name, at + 2)) {
      const value = this.flat[at + 1] ?? '';
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  has(name: string): boolean {
    return this.#next(name, 0) !== -1;
  }

  set(name: string, value: string | readonly string[]): void {
    this.remove(name);
    if (typeof value === 'string') this.flat.push(name, value);
    else for (const one of value) this.flat.push(name, one);
  }

  append(name: string, value: string): void {
    this.flat.push(name, value);
  }

  remove(name: string): void {
    for (let at = this.#next(name, 0); at !== -1; at = this.#next(name, at)) this.flat.splice(at, 2);
  }

  names(): Iterable<string> {
    return new Set(this.flat.filter((_text, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  }

  /** Where the name stands next, however it is spelled; -1 where it does not. */
  #next(name: string, from: number): number {
    const { flat } = this;
    for (let at = from; at < flat.length; at += 2) {
      const here = flat[at] ?? '';
      if (here.length !== name.length) continue;
      if (here === name || here.toLowerCase() === name.toLowerCase()) return at;
    }
    return -1;
  }
}
