-- online
CREATE TABLE IF NOT EXISTS "search_words" (
	"channel_id" uuid NOT NULL,
	"bucket" smallint NOT NULL,
	"words" text NOT NULL,
	CONSTRAINT "search_words_channel_id_bucket_pk" PRIMARY KEY("channel_id","bucket")
);
--> statement-breakpoint
-- Messages that are searchable already are read once more for their words, as after a change of the language.
UPDATE "search_positions" SET "language" = '';
