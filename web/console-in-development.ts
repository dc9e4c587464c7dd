import type { Plugin } from 'vite'

/** Answers `/console` and what browsers open below it with the console’s document, as the server does with the built one. */
export function consoleInDevelopment(): Plugin {
  return {
    name: 'console-in-development',
    apply: 'serve',
    configureServer: ({ middlewares }) => {
      middlewares.use((request, _response, next) => {
        const isOpened = request.headers.accept?.includes('text/html') ?? false
        if (isOpened && /^\/console(?:[/?]|$)/.test(request.url ?? '')) request.url = '/console.html'
        next()
      })
    },
  }
}
