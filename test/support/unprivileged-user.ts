/** The system user `nobody` of every Linux, which nothing has to be created for. */
export const nobody = 65_534

/** What servers run as that refuse root, as Postgres and PgBouncer do; undefined where this process is not root itself. */
export const unprivilegedUser = process.getuid?.() === 0 ? nobody : undefined
