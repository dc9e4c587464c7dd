/** The database cannot be migrated, or not used by this version. The message is a sentence for the operator. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/** The database is being moved to, or was when the move was interrupted. */
export class UnfinishedMoveError extends MigrationError {}
