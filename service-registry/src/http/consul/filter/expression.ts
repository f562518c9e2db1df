/** What a match compares; each has its negation. */
export type Operator = 'equal' | 'in' | 'empty' | 'matches';

export interface Match {
  readonly kind: 'match';
  /** `Service.Meta.zone` as its parts. */
  readonly selector: readonly string[];
  readonly operator: Operator;
  readonly negated: boolean;
  /** Missing where the operator is `empty`. */
  readonly value?: string;
}

/** A filter as Consul's clients write it (https://developer.hashicorp.com/consul/api-docs/features/filtering). */
export type Expression =
  | Match
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly operand: Expression };

/** A filter that cannot be read, or that asks what there is no answer to. */
export class FilterError extends Error {}
