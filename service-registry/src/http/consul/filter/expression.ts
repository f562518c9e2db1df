/** The operators of a comparison; each has a negation. */
export type FilterOperator = 'equal' | 'in' | 'empty' | 'matches';

export interface FilterMatch {
  readonly kind: 'match';
  /** The parts of `Service.Meta.zone`. */
  readonly selector: readonly string[];
  readonly operator: FilterOperator;
  readonly negated: boolean;
  /** Absent for the operator `empty`. */
  readonly value?: string;
}

/** A filter of Consul's API (https://developer.hashicorp.com/consul/api-docs/features/filtering). */
export type FilterExpression =
  | FilterMatch
  | { readonly kind: 'and' | 'or'; readonly left: FilterExpression; readonly right: FilterExpression }
  | { readonly kind: 'not'; readonly operand: FilterExpression };

/** The filter has a syntax error, or a selector or operator that its list does not have. */
export class FilterError extends Error {}
