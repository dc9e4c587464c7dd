import { hasPage, type Config } from '../config/config.ts'
import type { AccountSecrets } from '../domain/access/account.ts'

/** What a start shows once: the token of the account that it has made. */
export function firstGreeting({ accountId, authToken }: AccountSecrets, aliceToken?: string): string {
  const alice = aliceToken === undefined ? '' : ` ALICE=${aliceToken}`
  return `
An account was made. Its auth token is shown this once${alice && ', with a token for alice that lasts 24 hours'}. For the commands
in the README, in another terminal:

export SID=${accountId} TOKEN=${authToken}${alice}
`
}

/** What a start shows when it takes connections. */
export function greeting(url: string, account: AccountSecrets, config: Config): string {
  const { AUTH_TOKEN } = config
  const page = hasPage(config) ? `  Page                  ${url}/\n  Console               ${url}/console\n` : ''
  const { accountId, serviceId, isNew } = account
  const whereToken = isNew ? 'shown above' : 'as before; set AUTH_TOKEN to replace it'
  return `
fonechat is ready.

${page}  GraphQL and GraphiQL  ${url}/graphql
  Subscriptions         ${url.replace(/^http/, 'ws')}/graphql

  Account SID           ${accountId}
  Service SID           ${serviceId}
  Auth token            ${AUTH_TOKEN === undefined ? whereToken : 'as in AUTH_TOKEN'}

`
}
