export { nativeEnv, type NativeAdapter } from './env/native.ts'
// oxlint-disable-next-line oxc/no-barrel-file -- an entry of the package: the same names and one more
export * from './index.ts'
