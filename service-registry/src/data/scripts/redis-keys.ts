/**
 * All keys share a hash tag, and each script is called with one of them, so that all keys are on one node of a
 * Redis Cluster. A member is `SERVICE/INSTANCE`, or `SERVICE/INSTANCE/CHECK`.
 *
 *   …:meta           hash   epoch, index, extinction, horizon; the leader's lease (`sweeper…`), the last gap; self-preservation (`guard…`)
 *   …:services       zset   service → index of its last change
 *   …:changed        zset   instance → index of its last change
 *   …:removed        zset   instance → index of its removal; only those after the horizon
 *   …:leases         zset   instance → end of its lease, in milliseconds; +inf without a lease
 *   …:overdue        zset   lease or TTL check → when two thirds of it have passed since its renewal
 *   …:deadlines      zset   check → end of its TTL, or when it has been critical for too long
 *   …:observed       hash   check → "AT OBSERVATION", which does not change an index
 *   …:checks         hash   id of a TTL check → the instance that registered it last
 *   …:log            list   recent changes, latest first
 *   …:service:NAME   hash   instance id → value for `deserializeInstance` in common.lua
 *   …:left:NAME/ID   string the unregistered incarnation, until no heartbeat of it can arrive
 *
 * The number is the version of this layout: replicas with different versions must not share keys. common.lua derives
 * the same keys from the one that it is called with.
 */
export const PREFIX = '{plaza-registry/3}:';

/** The channel of change notifications. A replica that misses one finds the change by polling. */
export const CHANGES = `${PREFIX}changes`;

/** The key that each script is called with. */
export const META = `${PREFIX}meta`;
export const SERVICES = `${PREFIX}services`;
export const OVERDUE = `${PREFIX}overdue`;
export const OBSERVED = `${PREFIX}observed`;
export const LOG = `${PREFIX}log`;
