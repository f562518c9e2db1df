export type BuyerId = string & { readonly brand: 'BuyerId' };

/** Takes a text for a user's id: what a token, an event or a document of ours says. */
export function toBuyerId(id: string): BuyerId;
export function toBuyerId(id: string): string {
  return id;
}

/** Who ordered, with the name of that moment. */
export interface Buyer {
  readonly userId: BuyerId;
  readonly name: string;
}
