/**
 * The paths that every instance and every client requests each few seconds, in each protocol: too many for the access
 * log.
 */
export const ROUTINE_PATHS =
  /^\/(heartbeat\/|v1\/(health|agent\/check\/(pass|warn|fail|update))\/|eureka\/(v2\/)?apps(\/?$|\/delta$|\/[^/]+\/[^/]+$))/;
