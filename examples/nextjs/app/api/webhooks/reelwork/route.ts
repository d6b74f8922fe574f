/** Where Reelwork tells how a video ended. */

import { videoStore } from "../../../../lib/video-store";
import { receive } from "../../../../lib/webhook";

export const dynamic = "force-dynamic";

export const POST = (request: Request): Promise<Response> => receive(request, videoStore);
