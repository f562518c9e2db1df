/** Of several replicas one holds it at a time. */
export interface DistributedLock {
  /** Takes or keeps it; false while another replica has it. */
  acquire(): Promise<boolean>;
}
