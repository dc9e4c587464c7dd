export { Root, type RootProps, type ChannelItemState } from './root.tsx'
