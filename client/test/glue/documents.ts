import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'

/** Documents as an application would write them: other names, other fields and an alias here and there. */
export interface ShownMessage {
  readonly id: string
  readonly index: number
  readonly text: string
  readonly clientMessageId: string | null
}

export interface PageData {
  readonly channel: {
    readonly id: string
    readonly messages: {
      readonly nodes: readonly ShownMessage[]
      readonly pageInfo: { readonly hasPreviousPage: boolean; readonly startCursor: string | null }
    }
  } | null
}

export interface PageVariables {
  readonly id: string
  readonly last?: number
  readonly before?: string | null
  readonly around?: { readonly index: number } | null
  readonly [name: string]: unknown
}

const fields = /* GraphQL */ `
  fragment Row on Message {
    id
    channelId
    index
    revision
    clientMessageId
    isShownInChannel
    text: body
    authorIdentity
  }
`

const documentOf = <Data, Variables>(text: string) => parse(text) as unknown as TypedDocumentNode<Data, Variables>

export const Page = documentOf<PageData, PageVariables>(/* GraphQL */ `
  query Page($id: ID!, $last: Int, $before: String, $around: MessagesAround, $first: Int) {
    channel(id: $id) {
      id
      messages(last: $last, before: $before, around: $around, first: $first) {
        nodes {
          ...Row
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
      }
    }
  }
  ${fields}
`)

export const Live = documentOf<Record<string, unknown>, Record<string, never>>(/* GraphQL */ `
  subscription Live {
    events {
      ... on Ready {
        cursor
        cursors {
          cursor
          channel {
            id
          }
        }
      }
      ... on Gap {
        cursor
      }
      ... on MessageAdded {
        cursor
        message {
          ...Row
        }
      }
      ... on MessageUpdated {
        cursor
        changes
        message {
          ...Row
          pinnedAt
        }
      }
      ... on MessageRemoved {
        cursor
        message {
          id
          channelId
          index
          revision
        }
      }
      ... on ChannelTruncated {
        cursor
        firstIndex
        channel {
          id
          revision
        }
      }
      ... on ChannelRemoved {
        cursor
        channel {
          id
        }
      }
      ... on ChannelUpdated {
        cursor
      }
      ... on MemberJoined {
        cursor
        member {
          id
          channelId
          identity
        }
      }
      ... on MemberLeft {
        cursor
        member {
          id
          channelId
        }
      }
      ... on MemberUpdated {
        cursor
      }
      ... on TypingStarted {
        cursor
      }
      ... on TypingEnded {
        cursor
      }
    }
  }
  ${fields}
`)

export const Send = documentOf<{ readonly post: { readonly message: ShownMessage } }, { readonly input: unknown }>(
  /* GraphQL */ `
    mutation Send($input: SendMessageInput!) {
      post: sendMessage(input: $input) {
        cursor
        message {
          ...Row
        }
      }
    }
    ${fields}
  `,
)

export const Edit = documentOf<unknown, { readonly input: unknown }>(/* GraphQL */ `
  mutation Edit($input: UpdateMessageInput!) {
    updateMessage(input: $input) {
      cursor
      message {
        ...Row
      }
    }
  }
  ${fields}
`)

export const Remove = documentOf<unknown, { readonly input: unknown }>(/* GraphQL */ `
  mutation Remove($input: DeleteMessageInput!) {
    deleteMessage(input: $input) {
      cursor
      message {
        id
        channelId
        index
        revision
      }
    }
  }
`)
