/** Every call of your pages that no route of your own answers: `/api/video/…`, `/api/storyboards/…`, `/api/admin/queue`. */

import { passOn } from "../../../lib/passing";
import { session } from "../../../lib/session";

export const dynamic = "force-dynamic";

const handle = (request: Request): Promise<Response> => passOn(request, session);

export { handle as GET, handle as POST, handle as PATCH, handle as DELETE };
