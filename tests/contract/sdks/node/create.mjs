// One create by the SDK as it comes; prints the video's id.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.KEY });
const video = await client.videos.create({ prompt: process.env.PROMPT });
console.log(video.id);
