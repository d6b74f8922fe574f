// Which page stands at which address. `path` is also where the navigation leads; a page without a label is not in it.

import { audit } from "./pages/audit.js";
import { jobs } from "./pages/jobs.js";

export const ROUTES = [
  { path: "/admin/jobs", label: "Jobs", page: jobs },
  { path: "/admin/audit", label: "Audit", page: audit },
];

/** The page of an address, with what stands in the address behind it. */
export function routeOf(pathname) {
  const exact = ROUTES.find((route) => route.path === pathname);
  if (exact) return { ...exact, parameters: null };
  const parent = ROUTES.filter((route) => route.inner && pathname.startsWith(`${route.path}/`)).at(-1);
  if (parent) return { ...parent, page: parent.inner, parameters: decodeURIComponent(pathname.slice(parent.path.length + 1)) };
  return ROUTES[0];
}
