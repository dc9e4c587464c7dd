/** Processor time of this thread, in milliseconds: not what other processes, or other threads, have had meanwhile. */
export function threadTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
