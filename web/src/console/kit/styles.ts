/** Addresses of stylesheets that could not be loaded. Vite asks for each once, and takes it for loaded from then on. */
const missing = new Set<string>()

addEventListener(
  'error',
  ({ target }) => {
    if (!(target instanceof HTMLLinkElement) || target.rel !== 'stylesheet') return
    missing.add(target.href)
    target.remove()
  },
  // Such an event does not bubble.
  true,
)

/** Asks again for what could not be loaded. Rejects when that cannot be loaded now either. */
export const loadMissingStyles = (): Promise<unknown> => Promise.all([...missing].map(loadStyles))

async function loadStyles(href: string): Promise<void> {
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href })
  const loaded = Promise.withResolvers<unknown>()
  link.addEventListener('load', loaded.resolve)
  link.addEventListener('error', loaded.reject)
  document.head.append(link)
  await loaded.promise
  missing.delete(href)
}
