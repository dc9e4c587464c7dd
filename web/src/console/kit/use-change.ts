import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Document } from '../document.ts'
import { useNotify } from './notices.tsx'
import { send, type RequestError } from './request.ts'

export interface ChangeOptions<Result> {
  /** What is shown once it is done: “API key deleted”. */
  readonly done?: string
  readonly onDone?: ((result: Result) => void) | undefined
  /** Called when what is shown was read again: until then a form keeps what was written, or it would show what was before. */
  readonly onRead?: () => void
  /** Whether what is shown is read again afterwards: not after what changes nothing. */
  readonly rereads?: boolean
}

export interface Change<Result, Variables> {
  /** Rejects with RequestError. */
  readonly run: (variables: Variables) => Promise<Result>
  readonly isRunning: boolean
  readonly error: RequestError | null
  /** What is wrong with one field of the input, by its path there: `friendlyName`, `limits.userSockets`. */
  readonly problemOf: (field: string) => string | undefined
  /** Forgets the error. */
  readonly reset: () => void
}

/** Changes something by a mutation. What is shown is read again afterwards. */
export function useChange<Result, Variables>(
  document: Document<Result, Variables>,
  { done, onDone, onRead, rereads = true }: ChangeOptions<Result> = {},
): Change<Result, Variables> {
  const client = useQueryClient()
  const notify = useNotify()
  const mutation = useMutation<Result, RequestError, Variables>({
    mutationFn: (variables) => send(document, variables),
    onSuccess: (result) => {
      onDone?.(result)
      if (done !== undefined) notify(done)
      if (rereads) void client.invalidateQueries().then(onRead)
    },
  })
  const { error } = mutation
  return {
    run: mutation.mutateAsync,
    isRunning: mutation.isPending,
    error,
    problemOf: (field) => (error?.field === `input.${field}` || error?.field === field ? error.message : undefined),
    reset: mutation.reset,
  }
}
