ALTER TABLE "api_keys" ADD COLUMN "rate" jsonb;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "user_limits" jsonb DEFAULT '{}'::jsonb NOT NULL;