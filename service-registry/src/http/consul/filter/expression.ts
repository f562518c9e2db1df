/** What a match compares; each has its negation. */
export type FilterOperator = 'equal' | 'in' | 'empty' | 'matches';

export interface FilterMatch {
  readonly kind: 'match';
  /** `Service.Meta.zone` as its parts. */
  readonly selector: readonly string[];
  readonly operator: FilterOperator;
  readonly negated: boolean;
  /** Missing where the operator is `empty`. */
  readonly value?: string;
}

/** A filter as Consul's clients write it (https://developer.hashicorp.com/consul/api-docs/features/filtering). */
export type FilterExpression =
  | FilterMatch
  | { readonly kind: 'and' | 'or'; readonly left: FilterExpression; readonly right: FilterExpression }
  | { readonly kind: 'not'; readonly operand: FilterExpression };

/** A filter that cannot be read, or that asks what there is no answer to. */
export class FilterError extends Error {}
