import type { Document } from '../document.ts'
import type * as types from './types.ts'
export const SessionDocument = "query Session{viewer{id accountId consoleSession{id credential expiresAt}}}" as Document<types.SessionQuery, types.SessionQueryVariables>
export const ServiceChoicesDocument = "query ServiceChoices{services(first:100){nodes{id friendlyName isDefault}pageInfo{hasNextPage}}}" as Document<types.ServiceChoicesQuery, types.ServiceChoicesQueryVariables>
export const ServiceChoiceDocument = "query ServiceChoice($id:ID!){service(id:$id){id friendlyName isDefault}}" as Document<types.ServiceChoiceQuery, types.ServiceChoiceQueryVariables>