/**
 * All keys share a hash tag, and each script is called with one of them, so that in a cluster all of it happens on
 * one node. A member is `SERVICE/INSTANCE`, or `SERVICE/INSTANCE/CHECK`.
 *
 *   …:meta           hash   epoch, index, extinction, horizon; the leader's lease (`sweeper…`), the last gap; self-preservation (`guard…`)
 *   …:services       zset   service → index of its last change
 *   …:changed        zset   instance → index of its last change
 *   …:removed        zset   instance → index at which it went; those before the horizon are forgotten
 *   …:leases         zset   instance → when its lease ends, in milliseconds; without a lease, never
 *   …:overdue        zset   lease or TTL check → when two thirds of it are over since it was renewed
 *   …:deadlines      zset   check → when a TTL is over, or when it has been critical for too long
 *   …:observed       hash   check → "AT OBSERVATION": what moves no index
 *   …:checks         hash   id of a TTL check → the instance that registered it last
 *   …:log            list   recent changes, the latest first
 *   …:service:NAME   hash   instance id → what `deserializeInstance` in common.lua takes apart
 *   …:left:NAME/ID   string the incarnation that unregistered, until no heartbeat of it can come any more
 *
 * The number is the layout's: replicas with another one must not meet. common.lua makes the same keys of the one that it
 * is called with.
 */
export const PREFIX = '{plaza-registry/3}:';

/** A hint that something changed; whoever misses it finds out by polling. */
export const CHANGES = `${PREFIX}changes`;

/** The key that each script is called with. */
export const META = `${PREFIX}meta`;
export const SERVICES = `${PREFIX}services`;
export const OVERDUE = `${PREFIX}overdue`;
export const OBSERVED = `${PREFIX}observed`;
export const LOG = `${PREFIX}log`;
