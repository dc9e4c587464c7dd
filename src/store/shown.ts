/**
 * What a channel shows and what counts as unread, in one place for every statement that lists or counts. A message is *hidden* when it is a
 * reply that was not shown in the channel, and *uncounted* when it is hidden or silent. Neither changes once it is sent.
 */

/** Index of the newest message that the channel `c` shows, deleted or not. */
export const shownIndexOf = (c: string): string =>
  `CASE WHEN ${c}.hidden_reply_index = ${c}.last_index THEN ${c}.shown_index ELSE ${c}.last_index END`

/** Its time: replies that are not shown are no activity of the channel. */
export const shownAtOf = (c: string): string =>
  `CASE WHEN ${c}.hidden_reply_index = ${c}.last_index THEN ${c}.shown_at ELSE ${c}.last_message_at END`

/** Whether others have replied to a message. Looked at row by row: as EXISTS it might be answered from all rows of the table. */
const hasReplies = (message: string): string =>
  `coalesce((SELECT reply_count FROM message_extras WHERE channel_id = ${message}.channel_id AND index = ${message}.index), 0) > 0`

/** Whether a message has its place in the channel: also a deleted one, while it has replies. */
export const hasPlace = (message: string): string => `(${message}.deleted_at IS NULL OR ${hasReplies(message)})`

/**
 * How many uncounted messages stand above an index in the channel `c`: a difference of their running numbers, however many they are. What is above
 * must not be truncated.
 */
export const uncountedAbove = (c: string, index: string): string => {
  const end = (order: string): string =>
    `(SELECT uncounted FROM messages WHERE channel_id = ${c}.id AND index > ${index} AND uncounted IS NOT NULL ORDER BY index ${order} LIMIT 1)`
  return `CASE WHEN ${c}.uncounted_index > ${index} THEN ${end('DESC')} - ${end('ASC')} + 1 ELSE 0 END`
}

interface Walk {
  /** Each of these is an expression. */
  readonly channelId: string
  readonly past: string
  /** It ends before this index. */
  readonly bound: string
  readonly limit: string
  readonly isBackwards: boolean
  /** Whether a message that is shown is wanted. */
  readonly isWanted: (message: string) => string
}

/** Beyond every index. */
export const noBound = { forwards: '9223372036854775807', backwards: '-1' } as const

/**
 * A query of the indexes of shown messages from a place on, in the direction of the walk. Each step is one look at the primary key; one that
 * meets hidden replies passes all of their run with one more, so that it costs the same however many they are.
 */
export const shownWalk = ({ channelId, past, bound, limit, isBackwards, isWanted }: Walk): string => {
  const [beyond, within, order, outwards] = isBackwards ? ['<', '>', 'DESC', 'ASC'] : ['>', '<', 'ASC', 'DESC']
  return `
WITH RECURSIVE walk AS (
  SELECT ${past} AS past, NULL::bigint AS index, 0 AS found
  UNION ALL
  SELECT CASE WHEN next.hidden_run IS NULL THEN next.index ELSE (
      SELECT message.index FROM messages message
      WHERE message.channel_id = ${channelId} AND message.hidden_run = next.hidden_run
      ORDER BY message.index ${outwards} LIMIT 1
    ) END, CASE WHEN next.hidden_run IS NULL THEN next.index END,
    walk.found + CASE WHEN next.hidden_run IS NULL THEN 1 ELSE 0 END
  FROM walk
  CROSS JOIN LATERAL (
    SELECT message.index, message.hidden_run FROM messages message
    WHERE message.channel_id = ${channelId} AND message.index ${beyond} walk.past AND message.index ${within} ${bound}
      AND (message.hidden_run IS NOT NULL OR ${isWanted('message')})
    ORDER BY message.index ${order} LIMIT 1
  ) AS next
  WHERE walk.found < ${limit}
)
SELECT walk.index FROM walk WHERE walk.index IS NOT NULL`
}

/** Index of the newest message that the channel `c` shows and that is not deleted, at or below an index. */
export const lastShownIndex = (c: string, through: string): string =>
  shownWalk({
    channelId: `${c}.id`,
    past: `least(${through}, ${shownIndexOf(c)}) + 1`,
    bound: `${c}.first_index - 1`,
    limit: '1',
    isBackwards: true,
    isWanted: (message) => `${message}.deleted_at IS NULL`,
  })

/**
 * Index of the newest message of an author that the channel shows: a query of one row, none where the author has sent nothing. Below a channel's
 * first index it may be of a message that is gone. The index of authors alone finds the newest: with anything else selected beside it, the planner
 * may walk through the channel instead. `hiddenIndex` is the index of the newest hidden reply, above which there is nothing to look up.
 */
export const authorShownIndex = (author: {
  readonly channelId: string
  readonly identity: string
  readonly hiddenIndex: string
  readonly where: string
}): string => `
SELECT CASE WHEN newest.index > coalesce(${author.hiddenIndex}, -1) THEN newest.index ELSE (
    SELECT CASE WHEN message.hidden_run IS NULL THEN message.index ELSE message.author_shown_index END
    FROM messages message WHERE message.channel_id = ${author.channelId} AND message.index = newest.index
  ) END AS index
FROM (
  SELECT index FROM messages
  WHERE ${author.where} AND channel_id = ${author.channelId} AND author = ${author.identity}
  ORDER BY index DESC LIMIT 1
) AS newest
LIMIT 1`
