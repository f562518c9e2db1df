/** What a balancer needs to know of a candidate. A `ServiceInstance` is one. */
export interface WeightedInstance {
  readonly instanceId: string;
  /** Its share, relative to the others; 0 takes no part. */
  readonly weight: number;
}

/**
 * Chooses, without waiting, and without allocating. It is handed the candidates each time, so that who is
 * ejected or was tried already is left out.
 */
export interface Balancer<T extends WeightedInstance = WeightedInstance> {
  /**
   * undefined where there is no instance.
   * @param key what the choice is to depend on, for those balancers that heed one.
   */
  pick<Chosen extends T>(candidates: readonly Chosen[], key?: string): Chosen | undefined;
}
