/* oxlint-disable oxc/no-barrel-file -- an entry of the package, apart since it needs the virtualizer */
export * as MessageList from './list/virtual.parts.ts'
