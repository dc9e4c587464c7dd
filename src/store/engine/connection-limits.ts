const ofRole = (column: string, from: string, where: string): string =>
  `(SELECT nullif(${column}, -1) FROM ${from} WHERE ${where} AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))`

/** How many connections this role gets in this database, by each that limits it; SQL. Null where there is no limit. */
export const connectionLimits = {
  server: `(current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0))`,
  role: ofRole('rolconnlimit', 'pg_roles', 'rolname = current_user'),
  database: ofRole('datconnlimit', 'pg_database', 'datname = current_database()'),
} as const
