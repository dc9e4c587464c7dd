/* oxlint-disable oxc/no-barrel-file -- an entry of the package: parts are named by what they are of */
export * as ChannelList from './channels/index.parts.ts'
export * as Composer from './composer/index.parts.ts'
export * as MessageList from './list/index.parts.ts'
export * as People from './people/index.parts.ts'
export type { Part, PartOptions, PartProps } from './part.ts'
