/** Who may do what in your application: yours to write. Nothing is passed on that this does not allow. */

export interface Session {
  mayMakeVideos(request: Request): Promise<boolean>;
  /** The queue's figures, failures and retries. */
  mayOperate(request: Request): Promise<boolean>;
}

/** Refuses everything but in development: put your own sign-in here before you deploy. */
export const session: Session = {
  mayMakeVideos: async () => process.env.NODE_ENV !== "production",
  mayOperate: async () => process.env.NODE_ENV !== "production",
};
