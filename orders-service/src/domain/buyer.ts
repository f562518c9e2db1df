export type UserId = string & { readonly brand: 'UserId' };

/** Takes a text for a user's id: what a token, an event or a document of ours says. */
export function userId(id: string): UserId;
export function userId(id: string): string {
  return id;
}

/** Who ordered, with the name of that moment. */
export interface Buyer {
  readonly userId: UserId;
  readonly name: string;
}
