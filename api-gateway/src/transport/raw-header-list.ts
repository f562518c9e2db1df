import type { ResponseHeaders } from '../plugins/api/response.ts';

/** Names and values in turn, spelled and repeated as they came: what `writeHead` takes as it is. */
export class RawHeaderList implements ResponseHeaders {
  readonly entries: string[] = [];

  get(name: string): string | undefined {
    let found: string | undefined;
    for (let at = this.#indexOf(name, 0); at !== -1; at = this.#indexOf(name, at + 2)) {
      const value = this.entries[at + 1] ?? '';
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  has(name: string): boolean {
    return this.#indexOf(name, 0) !== -1;
  }

  set(name: string, value: string | readonly string[]): void {
    this.remove(name);
    if (typeof value === 'string') this.entries.push(name, value);
    else for (const one of value) this.entries.push(name, one);
  }

  append(name: string, value: string): void {
    this.entries.push(name, value);
  }

  remove(name: string): void {
    for (let at = this.#indexOf(name, 0); at !== -1; at = this.#indexOf(name, at)) this.entries.splice(at, 2);
  }

  names(): Iterable<string> {
    return new Set(this.entries.filter((_text, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  }

  /** Where the name stands next, however it is spelled; -1 where it does not. */
  #indexOf(name: string, from: number): number {
    const { entries } = this;
    for (let at = from; at < entries.length; at += 2) {
      const here = entries[at] ?? '';
      if (here.length !== name.length) continue;
      if (here === name || here.toLowerCase() === name.toLowerCase()) return at;
    }
    return -1;
  }
}
