// A script of a page of that project.
import { createClient, type Client } from '@fonechat/client'
import { people } from '@fonechat/client/people'
import { version } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { view } from './react-18.view.ts'

const complaints: string[] = []

const page = {
  version,
  complaints,
  open: (identity: string, token: string): Client =>
    createClient({ identity, token: () => token, modules: [people()] }),
  /** Takes over what a server has rendered. */
  hydrate(client: Client, channelId: string, html: string): void {
    const root = document.querySelector('#root')!
    root.innerHTML = html
    hydrateRoot(root, view(client, channelId), { onRecoverableError: (error) => complaints.push(String(error)) })
  },
}

export type React18Page = typeof page
Object.assign(globalThis, { page })
