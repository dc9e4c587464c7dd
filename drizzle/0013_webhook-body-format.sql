ALTER TABLE "webhook_notices" ADD COLUMN "body_format" text DEFAULT 'form' NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "webhook_body_format" text DEFAULT 'form' NOT NULL;