import type { Copy } from './types.ts'

/** Where nothing can be kept on the device: the store alone has it, and each start is a new device. */
export function memoryCopy(createId: () => string): Copy {
  let deviceId = createId()
  const clear = async (): Promise<void> => {
    deviceId = createId()
  }
  return {
    get deviceId() {
      return deviceId
    },
    takeTerm: async () => 1,
    load: async () => [],
    readMessages: async () => [],
    write: async () => {},
    settled: async () => {},
    clear,
    remove: clear,
    close: async () => {},
  }
}
