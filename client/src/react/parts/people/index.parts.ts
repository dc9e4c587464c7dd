export { Root, type RootProps } from './root.tsx'
