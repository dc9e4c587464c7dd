/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Input of `createApiKey`. */
export type CreateApiKeyInput = {
  /** A name for people, of at most 64 characters. */
  friendlyName?: string | null | undefined;
  /** The rate at which fields may be asked for with this key. There is no limit when this is left out or null. */
  rate?: RateInput | null | undefined;
};

/** Input of `deleteApiKey`. */
export type DeleteApiKeyInput = {
  /** SID of the API key to revoke. */
  apiKeyId: string;
};

/** Input of `endConsoleSession`. */
export type EndConsoleSessionInput = {
  /** SID of the session to end. */
  consoleSessionId: string;
};

/** At most so many within so many seconds, which begin with the first of them. */
export type RateInput = {
  /** The number that is accepted within the time, from 1 to 100,000. */
  limit: number;
  /** The time in seconds, from 1 to 60. */
  seconds: number;
};

/** Input of `updateApiKey`. Fields that are left out keep their values. */
export type UpdateApiKeyInput = {
  /** SID of the API key to change. */
  apiKeyId: string;
  /** The new name for people, of at most 64 characters. Null removes it. */
  friendlyName?: string | null | undefined;
  /** The rate at which fields may be asked for with this key, on every process within 5 seconds. Null removes the limit. */
  rate?: RateInput | null | undefined;
};

export type PageFieldsFragment = { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null };

export type KeyFieldsFragment = { id: string, friendlyName: string | null, createdAt: string, lastUsedAt: string | null, rate: { limit: number, seconds: number } | null };

export type KeysQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type KeysQuery = { apiKeys: { nodes: Array<{ id: string, friendlyName: string | null, createdAt: string, lastUsedAt: string | null, rate: { limit: number, seconds: number } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type KeyQueryVariables = Exact<{
  id: string;
}>;


export type KeyQuery = { apiKey: { id: string, friendlyName: string | null, createdAt: string, lastUsedAt: string | null, rate: { limit: number, seconds: number } | null } | null };

export type CreateKeyMutationVariables = Exact<{
  input: CreateApiKeyInput;
}>;


export type CreateKeyMutation = { createApiKey: { secret: string, apiKey: { id: string, friendlyName: string | null } } | null };

export type UpdateKeyMutationVariables = Exact<{
  input: UpdateApiKeyInput;
}>;


export type UpdateKeyMutation = { updateApiKey: { apiKey: { id: string, friendlyName: string | null, createdAt: string, lastUsedAt: string | null, rate: { limit: number, seconds: number } | null } } | null };

export type DeleteKeyMutationVariables = Exact<{
  input: DeleteApiKeyInput;
}>;


export type DeleteKeyMutation = { deleteApiKey: { apiKey: { id: string } } | null };

export type SessionsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type SessionsQuery = { consoleSessions: { nodes: Array<{ id: string, credential: string, userAgent: string | null, address: string, isCurrent: boolean, createdAt: string, lastUsedAt: string, expiresAt: string, apiKey: { id: string, friendlyName: string | null } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type EndSessionMutationVariables = Exact<{
  input: EndConsoleSessionInput;
}>;


export type EndSessionMutation = { endConsoleSession: { consoleSession: { id: string } } | null };

export type SessionQueryVariables = Exact<{ [key: string]: never; }>;


export type SessionQuery = { viewer: { id: string, accountId: string, consoleSession: { id: string, credential: string, expiresAt: string } | null } | null };

export type ServiceChoicesQueryVariables = Exact<{ [key: string]: never; }>;


export type ServiceChoicesQuery = { services: { nodes: Array<{ id: string, friendlyName: string, isDefault: boolean }>, pageInfo: { hasNextPage: boolean } } | null };

export type ServiceChoiceQueryVariables = Exact<{
  id: string;
}>;


export type ServiceChoiceQuery = { service: { id: string, friendlyName: string, isDefault: boolean } | null };
